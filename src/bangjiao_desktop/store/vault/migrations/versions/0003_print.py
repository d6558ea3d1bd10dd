"""What goes out on paper: filed forms, history of prints, what offices print about themselves."""

import sqlalchemy as sa
from alembic import op

from bangjiao_desktop.store.vault.migrations.frozen import Key

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the tables and the columns older offices lack (empty for what is there)."""
    op.create_table('form_filing',
    sa.Column('id', Key(length=16), nullable=False),
    sa.Column('office_id', Key(length=16), nullable=True),
    sa.Column('period', sa.String(length=10), nullable=False),
    sa.Column('form', sa.String(length=40), nullable=False),
    sa.Column('correction', sa.Integer(), nullable=False),
    sa.Column('filed_on', sa.Date(), nullable=False),
    sa.Column('filed_by', sa.String(length=50), nullable=False),
    sa.Column('reason', sa.String(length=200), nullable=False),
    sa.Column('content', sa.Text(), nullable=False),
    sa.Column('basis', sa.LargeBinary(), nullable=False),
    sa.Column('created_at', sa.DateTime(), nullable=False),
    sa.Column('updated_at', sa.DateTime(), nullable=False),
    sa.Column('revision', sa.Integer(), nullable=False),
    sa.Column('deleted_at', sa.DateTime(), nullable=True),
    sa.ForeignKeyConstraint(['office_id'], ['office.id'], name=op.f('fk_form_filing_office_id_office')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_form_filing'))
    )
    op.create_index(op.f('ix_form_filing_office_id_period_form'), 'form_filing', ['office_id', 'period', 'form'], unique=False)
    op.create_table('print_job',
    sa.Column('id', Key(length=16), nullable=False),
    sa.Column('office_id', Key(length=16), nullable=True),
    sa.Column('kind', sa.String(length=30), nullable=False),
    sa.Column('title', sa.String(length=200), nullable=False),
    sa.Column('request', sa.Text(), nullable=False),
    sa.Column('pages', sa.Integer(), nullable=False),
    sa.Column('people', sa.Integer(), nullable=False),
    sa.Column('copies', sa.Integer(), nullable=False),
    sa.Column('way', sa.String(length=20), nullable=False),
    sa.Column('printed_by', sa.String(length=50), nullable=False),
    sa.Column('created_at', sa.DateTime(), nullable=False),
    sa.Column('updated_at', sa.DateTime(), nullable=False),
    sa.Column('revision', sa.Integer(), nullable=False),
    sa.Column('deleted_at', sa.DateTime(), nullable=True),
    sa.ForeignKeyConstraint(['office_id'], ['office.id'], name=op.f('fk_print_job_office_id_office')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_print_job'))
    )
    op.create_index(op.f('ix_print_job_created_at'), 'print_job', ['created_at'], unique=False)
    op.add_column('office', sa.Column('post_code', sa.String(length=6), server_default='', nullable=False))
    op.add_column('office', sa.Column('office_hours', sa.String(length=100), server_default='', nullable=False))
    op.add_column('office', sa.Column('mediator', sa.String(length=60), server_default='', nullable=False))
    op.add_column('office', sa.Column('mediator_telephone', sa.String(length=40), server_default='', nullable=False))
